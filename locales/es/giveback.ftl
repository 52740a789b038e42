# What is given back after answering.
