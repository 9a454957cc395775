"""What phones read."""

TITLE = "What does this face show?"
INTRO = "Look at the covered face on the wall and guess. Nobody sees who said what."
CODE_LABEL = "Code on the wall"
CAST = "Your guess is counted. Look up!"
CAST_BEFORE = "This phone has voted in this round already."
UNREACHABLE = "The page can't be reached; ask again in a moment."
NO_COOKIE = "Allow this page's cookie: it tells phones apart, so that each has one vote."
