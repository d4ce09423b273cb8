"""The service API: the platform's own commands over HTTP, for programs, with tokens that may do only what they are for.

`scopes` and `tokens` say who may ask, `declaration` and `operations` what there is, `document` tells it in OpenAPI,
`server` answers. Everything is declared once: what routes a request also checks it and describes it.
"""
