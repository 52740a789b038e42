# What respondents read when something goes wrong.

error-unknown = Not found
error-unknown-what = There is nothing at this address. The link may be old, or a letter of it is missing.
error-unreadable = That request could not be read
error-unreadable-what = A part of the address or of the form has the wrong shape. Please open the link in your mail again.
error-slow = That took too long
error-slow-what = The request did not arrive in time. Please send it again.
error-large = Too much at once
error-large-what = What you sent is larger than this page takes. Send less at a time.
error-often = Too many tries
error-often-what = { $n ->
    [one] Please wait one second, then try again.
   *[other] Please wait { $n } seconds, then try again.
}
error-away = Back in a moment
error-away-what = The database cannot be reached. Nothing was saved; please try again in a few seconds.
error-ours = Something went wrong
error-ours-what = It is our fault, not yours. Please try again, and tell us the number below if it stays.
error-number = Number
error-retry = Try again
