"""Delta tables of Parquet, the views over them, and the journal beside them."""
