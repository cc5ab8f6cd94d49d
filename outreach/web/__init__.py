"""The pages. A view parses, calls one verb, gives words to its refusal, and renders; the rules live below."""
