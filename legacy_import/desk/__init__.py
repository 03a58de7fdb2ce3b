"""The quarantine desk: what a person decides about refused rows, replayed through the pipeline or withdrawn."""
