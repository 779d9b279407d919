#!/bin/sh
# Stands where Docker stands in the documented commands, on a machine that has none. It takes only the calls that
# docs/deploy.md makes, checks what Docker would need for them, and pushes a manifest under the tag. What is in the image
# is made and tried by test/e2e/image.
set -eu
case "$1" in
  login)
    [ -n "$(cat)" ] || { echo 'docker login: no password on standard input' >&2; exit 1; }
    ;;
  buildx)
    tag=
    while [ $# -gt 0 ]; do
      case "$1" in
        --tag) tag=$2; shift ;;
      esac
      context=$1
      shift
    done
    [ -f "$context/Dockerfile" ] || { echo "docker: no Dockerfile in $context" >&2; exit 1; }
    repository=${tag%:*}
    aws ecr put-image --repository-name "${repository##*/}" --image-tag "${tag##*:}" --image-manifest \
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:0","size":0},"layers":[]}' >/dev/null
    ;;
  *)
    echo "docker: the stand-in does not know \"$1\"" >&2
    exit 1
    ;;
esac
