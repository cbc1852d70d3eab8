"""Money that is entered here: what hours cost, and expenses; each file is taken in whole or not at all."""
