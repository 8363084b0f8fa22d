"""The REST client over TLS: the analyzer at argv[1], whose certificate is of the authority argv[2]; our own certificate and key in argv[3] and argv[4]."""
import sys

from skydive.rest.client import RESTClient

endpoint, authority, certificate, key = sys.argv[1:]
print(RESTClient(endpoint, scheme="https", cafile=authority).lookup("G.V().Count()"))
print(RESTClient(endpoint, scheme="https", cafile=authority, certfile=certificate, keyfile=key).lookup("G.V().Count()"))
print(RESTClient(endpoint, scheme="https", insecure=True).lookup("G.V().Count()"))
try:
    RESTClient(endpoint, scheme="https").lookup("G.V().Count()")
except OSError as error:
    print(error)
