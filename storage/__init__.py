"""The nouns as database records, the migrations, the chained history; knows nothing of the other rooms."""
