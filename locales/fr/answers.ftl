# What is wrong with an answer.
