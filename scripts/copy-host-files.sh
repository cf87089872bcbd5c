#!/bin/sh
# Part of `npm run build`: what ends up on somebody's machine and is not TypeScript goes beside the compiled files.
set -eu
cd "$(dirname -- "$0")/.."
for folder in programs/bastion_host programs/bastion_vm units; do
  rm -rf "dist/components/host/$folder"
  mkdir -p "dist/components/host/$folder"
done
for package in bastion_host bastion_vm; do
  cp "components/host/programs/$package"/*.py "dist/components/host/programs/$package/"
done
cp components/host/units/* dist/components/host/units/
cp components/host/startup-script.sh dist/components/host/
for folder in kit/templates kit/page/templates; do
  rm -rf "dist/components/$folder"
  mkdir -p "dist/components/$folder"
  cp -R "components/$folder/." "dist/components/$folder/"
done
mkdir -p dist/scripts/bastion/completion dist/scripts/bastion/key
cp scripts/bastion/completion/bastion.* dist/scripts/bastion/completion/
cp scripts/bastion/key/askpass.sh dist/scripts/bastion/key/
