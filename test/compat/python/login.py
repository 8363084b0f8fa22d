"""What a script does where the analyzer asks who it is: at argv[1], as argv[2] with the password argv[3]."""
import sys

from skydive.rest.client import RESTClient

client = RESTClient(sys.argv[1], username=sys.argv[2], password=sys.argv[3])
print(client.lookup("G.V().Count()"))
