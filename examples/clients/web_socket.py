# python3 web_socket.py ws://127.0.0.1:4100/amp/mesh <token> "Who can help with: book travel to NYC?"
import base64, json, os, socket, sys
from urllib.parse import urlsplit

def connect(url, token):
    to, key = urlsplit(url), base64.b64encode(os.urandom(16)).decode()
    stream = socket.create_connection((to.hostname, to.port or 80)).makefile("rwb")
    stream.write(f"GET {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: amp.v1.json\r\n"
                 f"Authorization: Bearer {token}\r\n\r\n".encode())
    stream.flush()
    if b" 101 " not in (status := stream.readline()):
        sys.exit(f"refused: {status.decode().strip()}")
    while stream.readline().strip():
        pass
    return stream

def send(stream, data, kind=1):
    mask, size = os.urandom(4), len(data)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    stream.write(bytes([0x80 | kind]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))
    stream.flush()

def messages(stream):
    while head := stream.read(2):
        size = head[1] if head[1] < 126 else int.from_bytes(stream.read(2 if head[1] == 126 else 8), "big")
        data, kind = stream.read(size), head[0] & 15
        if kind == 1:
            yield json.loads(data)
        elif kind == 9:
            send(stream, data, 10)

url, token, query = sys.argv[1:4]
mesh = connect(url, token)
send(mesh, json.dumps({"type": "broadcast", "query": query, "from": "python"}).encode())
for message in messages(mesh):
    if message["type"] == "capability_match":
        print(f'{message["from"].split("/")[-1]}: {message["offer"]} ({message["confidence"]})')
    if message["type"] in ("done", "error"):
        sys.exit(print(message.get("content") or message.get("message") or message["outcome"]))
