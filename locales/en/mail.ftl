# The words around a letter.

mail-answer-now = Answer now
mail-answer-here = Answer here:
mail-reminder = Reminder:
mail-reminder-note = A friendly reminder: we wrote to you a few days ago and would still like to hear from you. If now is not a good time, that is fine too.
mail-tap = Choose your answer here; you can change it on the next page.
mail-confidential = Your answers are kept confidential; they are shown added up with those of your colleagues.
mail-view = Read in the browser
mail-preferences = Fewer mails, or what we keep about you
mail-unsubscribe = No more of these mails
