# What is given back after answering.

thanks-title = Thank you
thanks-arrived = The answers have arrived. You may close this page.
thanks-arrived-for = The answers for { $company } have arrived. You may close this page.
giveback-heading = What companies like yours said
giveback-industry = At least { $n } companies in your industry
giveback-tenure = At least { $n } companies that have been customers about as long as yours
giveback-everybody = At least { $n } companies
giveback-share = { $percent }%
giveback-scale = average on a scale from { $min } to { $max }
giveback-care = Figures are rounded, and each is made of so many companies that nobody’s own answer can be told from it.
