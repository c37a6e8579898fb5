print("stratagem")
