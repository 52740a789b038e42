# What respondents read when something goes wrong.
