# Preferences, unsubscribing, removal.

prefs-title = Your mails
prefs-heading = Your mails from { $sender }
prefs-undo = Undo
prefs-gone = You are on no list of ours, and we keep nothing about you. So that no later import brings you back, a code made from your address stays; your address cannot be read from it.
all-stopped = You get no mails from us
all-stopped-wished = You asked us to stop all of them.
resume-all = Send me mails again
barred-bounced = Our mails to your address came back to us, so we send no more.
barred-complained = A complaint about our mail reached us from your address, so we send no more.
barred = Your address is on the list of those we do not write to.
drip-stopped = You get no more of “{ $drip }”
drip-stopped-others = Other mails from us may still come.
resume-drip = Send me this series again
stop-all = No more mails at all
drip-on = You get the series “{ $drip }”
stop-drip = No more of this series
fewer = Fewer mails
gap-now = { $n ->
    [one] At least one day lies between two of our mails.
   *[other] At least { $n } days lie between two of our mails.
}
gap-none = Mails come as the series has them. You can keep them further apart; none is lost, it only waits.
gap-choose = { $n ->
    [one] One day apart
   *[other] { $n } days apart
}
gap-end = As often as before
pause = A pause
pause-now = Nothing comes before { $date }.
pause-end = End the pause
pause-other = Or pause for another time, from today:
pause-none = Nothing comes for a while, then we go on where we were.
pause-months = { $n ->
    [one] For 1 month
   *[other] For { $n } months
}
pause-label = Until
pause-until = Pause until then
day-missing = Choose a day first.
day-shape = Write the day as 2026-03-31.
day-past = Choose a day that is still to come.
day-far = A year is the longest pause. To get no mails at all, stop them below.
held = What we keep about you
held-test = Here a contact reads how many answers, purchases and mails are kept.
held-details = Your name, business address, role and company, as far as we know them.
held-answers = { $n ->
    [0] No answers.
    [one] 1 answer: added up with those of your colleagues into one result for your company, and kept confidential.
   *[other] { $n } answers: added up with those of your colleagues into one result for your company, and kept confidential.
}
held-purchases = { $n ->
    [one] 1 purchase of your company that names you.
   *[other] { $n } purchases of your company that name you.
}
held-incoming = { $n ->
    [one] 1 mail that came back to us from your address.
   *[other] { $n } mails that came back to us from your address.
}
held-mails = { $n ->
    [0] No mail that we sent you.
    [one] 1 mail that we sent you:
   *[other] { $n } mails that we sent you:
}
held-mail = { $date }: “{ $drip }”, mail { $n }
held-reminder = { $date }: “{ $drip }”, reminder of mail { $n }
held-earlier = { $n ->
    [one] and 1 earlier one
   *[other] and { $n } earlier ones
}
held-note = This link may be passed on, so we show no names, addresses or answers here. To have all of it sent to you, answer the mail that brought you here.
erase = Remove everything about me
erase-question = Remove everything about you?
erase-what = Your details, your answers and the record of our mails to you are removed for good. Nothing is mailed to your address again, and the links in our mails stop working. This cannot be undone.
erase-yes = Yes, remove everything
erase-no = No, keep it
done-stop-drip = You get no more mails of this series.
done-stop-all = You get no more mails from us.
done-resume = You get our mails again.
done-gap = { $n ->
    [one] From now on at least one day lies between two of our mails.
   *[other] From now on at least { $n } days lie between two of our mails.
}
done-gap-end = You get our mails as often as before.
done-pause = You get no mail from us before { $date }.
done-pause-end = The pause has ended: you get our mails again.
done-erase = Everything about you has been removed.
unsubscribe-title = No more mails
unsubscribe-question = No more mails from us?
unsubscribe-yes = Yes, no more mails
unsubscribe-less = To stop this series only, or to get fewer mails, use the other link at the foot of the mail.
unsubscribed = You get no more mails from us
unsubscribed-undo = A mistake? Take it back here, now or later.
unsubscribe-undo = Undo: send me mails again
unsubscribed-less = To choose which mails you get, or to get fewer, use the other link at the foot of the mail.
unsubscribe-gone = You are on no list of ours
unsubscribe-gone-what = You get no mails from us, and we keep nothing about you.
resubscribed = You get our mails again
resubscribed-what = All is as it was before.
resubscribed-undo = No more mails after all
