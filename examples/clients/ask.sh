#!/bin/sh
# sh ask.sh http://127.0.0.1:4100/amp/mesh <token> "Who can help with: book travel to NYC?"
curl --silent --no-buffer "$1" --header "Authorization: Bearer $2" \
  --data "{\"type\": \"broadcast\", \"query\": \"$3\", \"from\": \"curl\"}" |
  grep --line-buffered '^{"type":"capability_match"'
