"""The one place where a tracker's answers become ours: time-outs, retries, throttling, error classes and decoding.

Both client libraries are used through it. They give sign-in, sessions and URLs; nothing of their own paging, retrying
or error handling is relied on.

    boundary = Boundary(settings)
    fields = boundary.fetch(send, method="GET", path="/rest/api/3/field", shape=list[msgspec.Raw])

`send` makes one request and returns an `Answer` for every status the tracker gave, raising only network exceptions.
"""
