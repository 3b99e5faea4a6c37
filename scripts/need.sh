#!/usr/bin/env bash
# Makes sure that programs the tests use are there: need.sh {chromium|java|maven|node}...
# As root on Debian and its children missing ones are installed; elsewhere what to install is printed. Tests that
# need a missing program skip, except where CI=true: there this script fails.
set -euo pipefail

present() {
	case $1 in
	chromium)
		local name
		for name in headless_shell headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
			if command -v "$name" >/dev/null; then return 0; fi
		done
		[ -x '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' ]
		;;
	java) [ -n "${JAVA_HOME:-}" ] || command -v java >/dev/null ;;
	maven) command -v mvn >/dev/null ;;
	node) command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ;;
	*)
		echo "need.sh: $1 is not one of chromium, java, maven, node" >&2
		exit 2
		;;
	esac
}

# package names the Debian package of a program; Debian's Node.js is too old for the page.
package() {
	case $1 in
	java) echo default-jre-headless ;;
	chromium | maven) echo "$1" ;;
	esac
}

missing=() packages=()
for program; do
	if ! present "$program"; then
		missing+=("$program")
		packages+=($(package "$program"))
	fi
done

if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing ${packages[*]}"
	if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } >"${TMPDIR:-/tmp}/roundtrip-apt.log" 2>&1; then
		tail -n 5 "${TMPDIR:-/tmp}/roundtrip-apt.log" >&2
	fi
fi

lacking=()
for program in ${missing[@]+"${missing[@]}"}; do
	if ! present "$program"; then lacking+=("$program"); fi
done
if [ ${#lacking[@]} -gt 0 ]; then
	echo "Not found: ${lacking[*]}. Needed: Chromium or Chrome, Java 17 or 21, Maven 3.6.3 or newer, Node.js 20.19 or newer with npm." >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
	echo "Tests that need them are skipped." >&2
fi
