"""The sample size and power calculator: its form, its figures, its picture and its address."""
