# python3 post.py http://127.0.0.1:4100/amp/mesh <token> "Who can help with: book travel to NYC?"
import json, sys, urllib.request

url, token, query = sys.argv[1:4]
question = json.dumps({"type": "broadcast", "query": query, "from": "python"}).encode()
with urllib.request.urlopen(urllib.request.Request(url, question, {"Authorization": f"Bearer {token}"})) as lines:
    for message in map(json.loads, lines):
        if message["type"] == "capability_match":
            print(f'{message["from"].split("/")[-1]}: {message["offer"]} ({message["confidence"]})')
        if message["type"] == "done":
            print(message.get("content", message["outcome"]))
