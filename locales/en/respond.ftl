# The form and the pages around it.

form-of = { $n } of { $all }
form-page = Page { $n } of { $all }
form-asks = { $sender } asks about { $company }.
form-required = (required)
form-only-if = Only if you answered { $answer } to { $question }.
form-kept = You have answered this already. Your answer is not shown, because links get passed on; leave this blank to keep it.
form-own-words = In your own words
form-choose = Choose { $n }.
form-choose-all = Choose all that apply.
form-choose-up-to = Choose up to { $n }.
form-choose-between = Choose { $min } to { $max }.
form-end = { $n } = { $words }
form-rank = { $n ->
    [one] Give place 1 to the one that matters most.
   *[other] Give the { $n } that matter most their places; 1 is the first.
}
form-rank-tap = Choose them in their order; choose one again to take it back.
form-place = place { $n }
form-no-place = no place
form-most = Most
form-least = Least
form-extremes = Choose one of each.
form-share = Share out { $total } points.
form-left = Left: { $n }
form-back = Back
form-continue = Continue
form-send = Send answers
form-missing = Something is still missing.
form-nothing = Nothing was answered yet. Please answer at least one question.
form-stale = This was answered from another page in the meantime.
form-stale-what = Below is what you have just entered. Send it again if it is to count instead.
form-stale-keep = Keep what was sent
form-confidential = Your answers are kept confidential: they are added up with those of your colleagues into a picture of your company’s needs. They are not anonymous.
form-kept-by-page = Each page is kept as soon as you go on; with the link in your mail you can finish later, on another device too.
form-one-person = This link was made for one person.
form-not-you = Not you?
closed-title = These questions are closed
closed-until = They could be answered until { $date }. Thank you for opening them all the same.
closed-until-about = The questions about { $company } could be answered until { $date }. Thank you for opening them all the same.
closed-mails = You can still choose which mails you want from us.
closed-preferences = Your mails
later-title = Your answers could not be saved just now
later-what = Nothing of what you entered is lost: it is kept on this page. Please try again in a moment.
later-again = Try again
