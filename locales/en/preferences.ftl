# Preferences, unsubscribing, removal.
