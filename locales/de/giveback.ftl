# What is given back after answering.

thanks-title = Vielen Dank
thanks-arrived = Die Antworten sind angekommen. Sie können diese Seite schließen.
thanks-arrived-for = Die Antworten für { $company } sind angekommen. Sie können diese Seite schließen.
giveback-heading = Was Unternehmen wie Ihres geantwortet haben
giveback-industry = Mindestens { $n } Unternehmen Ihrer Branche
giveback-tenure = Mindestens { $n } Unternehmen, die etwa so lange Kunden sind wie Ihres
giveback-everybody = Mindestens { $n } Unternehmen
giveback-share = { $percent } %
giveback-scale = Mittelwert auf einer Skala von { $min } bis { $max }
giveback-care = Die Zahlen sind gerundet, und jede fasst so viele Unternehmen zusammen, dass sich keine einzelne Antwort daraus ablesen lässt.
