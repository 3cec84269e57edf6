"""Services of AWS that moto lacks, or does otherwise, put into moto."""
