"""How Tocsin is run: the `tocsin` command, the all-in-one run, the simulated estate, and files for operators."""
