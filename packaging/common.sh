# Shared by ./rehearse and ./check (sourced, POSIX sh): steps, packages, building. Expects $root, the top of the tree.
# shellcheck shell=sh disable=SC2016

PATH=/usr/sbin:/usr/bin:/sbin:/bin # Debian's own tools, whatever else is installed
export PATH
unset CFLAGS CPPFLAGS LDFLAGS
: "${root:?the top of the tree}"
build_root=$root/build
step_now=0
step_count=0 # set by the script before its first step

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

step() {
    step_now=$((step_now + 1))
    say "[$step_now/$step_count] $*"
}

# system_is ID VERSION: true on that release of that distribution.
system_is() {
    (
        # shellcheck disable=SC1091
        . /etc/os-release
        [ "${ID:-}" = "$1" ] && [ "${VERSION_ID:-}" = "$2" ]
    ) 2>/dev/null
}

system_name() {
    # shellcheck disable=SC1091
    (. /etc/os-release && printf '%s' "${PRETTY_NAME:-an unknown system}") 2>/dev/null || printf 'an unknown system'
}

# packages_of LIST...: the second column of packages.txt, one a line.
packages_of() {
    for list in "$@"; do
        awk -v list="$list" '$1 == list { print $2 }' "$root/packaging/packages.txt"
    done
}

# packages_missing LIST...: those of which no alternative is installed.
packages_missing() {
    wanted=$(packages_of "$@")
    # shellcheck disable=SC2046,SC2086
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $(printf '%s' "$wanted" | tr '|' ' ') 2>/dev/null |
        awk '$2 == "installed" { print $1 }')
    for package in $wanted; do
        found=no
        for one in $(printf '%s' "$package" | tr '|' ' '); do
            if printf '%s\n' "$installed" | grep -qxF -e "$one"; then found=yes; fi
        done
        [ "$found" = yes ] || printf '%s\n' "$package"
    done
}

# packages_choose PACKAGE...: of each `a|b` the first that apt knows, else the first.
packages_choose() {
    for package in "$@"; do
        choice=${package%%|*}
        for one in $(printf '%s' "$package" | tr '|' ' '); do
            if apt-cache policy "$one" 2>/dev/null | grep -q 'Candidate: [^(]'; then
                choice=$one
                break
            fi
        done
        printf '%s\n' "$choice"
    done
}

# Turns apt's status lines into "  34 % libgtk-4-1", every tenth per cent; on a terminal all in one line.
apt_progress='
    { split($0, part, ":"); share = -1 }
    part[1] == "dlstatus" { share = part[3] * 0.4; doing = "downloading" }
    part[1] == "pmstatus" { share = 40 + part[3] * 0.6; doing = part[2] }
    share >= 0 && tty { printf "\r\033[K  %3d %% %s", share, doing; fflush() }
    share >= 0 && !tty && int(share / 10) > last { last = int(share / 10); printf "  %3d %%\n", share; fflush() }
    END { if (tty) printf "\r\033[K" }'

# apt_run ARGUMENTS...: apt-get as root, its talk in $apt_log, its progress shown. Returns its status.
apt_run() {
    tty=0
    if [ -t 1 ]; then tty=1; fi
    {
        # shellcheck disable=SC2086
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o APT::Status-Fd=1 "$@" 2>>"$apt_log" </dev/null
        printf 'exit:%s\n' "$?"
    } | tee -a "$apt_log" | awk -v tty="$tty" "$apt_progress"
    [ "$(grep '^exit:' "$apt_log" | tail -n 1)" = exit:0 ]
}

# packages_install LIST...: installs what is missing, or says what to do and exits. Takes a moment when all is there.
packages_install() {
    command -v dpkg-query >/dev/null 2>&1 ||
        fail "This needs a Debian system (dpkg and apt). Packages wanted: $(packages_of "$@" | tr '\n' ' ')"
    missing=$(packages_missing "$@")
    if [ -z "$missing" ]; then
        say "  all packages are installed"
    else
        as_root=
        # shellcheck disable=SC2046,SC2086
        by_hand="apt-get update && apt-get install -y --no-install-recommends $(packages_choose $missing | tr '\n' ' ')"
        if [ "$(id -u)" != 0 ]; then
            command -v sudo >/dev/null 2>&1 || fail "Packages are missing and sudo is not here. As root, run once:
  $by_hand"
            as_root=sudo
            sudo -v || fail "Packages are missing and sudo refused. As root, run once:
  $by_hand"
        fi
        mkdir -p "$build_root"
        apt_log=$build_root/apt.log
        : >"$apt_log"
        say "  installing $(printf '%s\n' "$missing" | grep -c .) packages and what they need (log: build/apt.log)"
        # shellcheck disable=SC2086
        apt_install $missing || {
            tail -n 20 "$apt_log" >&2
            fail "Installing failed. Missing: $(packages_missing "$@" | tr '\n' ' ')
As root, try: $by_hand"
        }
        missing=$(packages_missing "$@")
        [ -z "$missing" ] || fail "apt-get ended well, yet these are missing: $(printf '%s' "$missing" | tr '\n' ' ')"
    fi
    programs_check "$@"
}

# apt_install PACKAGE...: with the package lists at hand if they will do, else after an update.
apt_install() {
    # shellcheck disable=SC2046
    if ! apt-get install -s --no-install-recommends $(packages_choose "$@") >/dev/null 2>&1; then
        apt_run update || return 1
    fi
    # shellcheck disable=SC2046
    apt_run install --no-install-recommends $(packages_choose "$@") && return 0
    say "  once more with fresh package lists"
    apt_run update || return 1
    # shellcheck disable=SC2046
    apt_run install --no-install-recommends $(packages_choose "$@")
}

# programs_check LIST...: the third column; a package that is installed without its program is an error too.
programs_check() {
    for list in "$@"; do
        awk -v list="$list" '$1 == list && $3 != "-" { print $2, $3 }' "$root/packaging/packages.txt"
    done | while read -r package program; do
        command -v "$program" >/dev/null 2>&1 ||
            fail "The program $program is missing; the package $package should bring it."
    done || exit 1
}

# build DIRECTORY COMPILER [MESON OPTIONS...]: configures when needed and builds under build/. Non-zero on failure.
build() {
    dir=$build_root/$1
    CC=$2
    export CC
    shift 2
    mkdir -p "$build_root"
    identity="$root $CC $*"
    if [ "$(cat "$dir/.identity" 2>/dev/null)" != "$identity" ]; then rm -rf "$dir"; fi
    if [ ! -f "$dir/build.ninja" ]; then
        meson setup "$dir" "$root" "$@" >"$build_root/setup.log" 2>&1 || {
            tail -n 15 "$build_root/setup.log" >&2
            return 1
        }
        printf '%s' "$identity" >"$dir/.identity"
    fi
    # Changed build files first, so that meson's words do not stand between the steps.
    ninja -C "$dir" build.ninja >"$build_root/setup.log" 2>&1 || {
        tail -n 15 "$build_root/setup.log" >&2
        return 1
    }
    if [ -t 1 ]; then
        NINJA_STATUS='  [%f/%t] ' ninja -C "$dir" --quiet || return 1
    else
        build_quietly "$dir"
    fi
}

# Ninja's output for a log: every tenth part of its steps, and everything that is not a step.
build_quietly() {
    {
        NINJA_STATUS='[%f/%t] ' ninja -C "$1" 2>&1
        printf 'exit:%s\n' "$?"
    } | awk '
        /^exit:/ { status = substr($0, 6); next }
        /^ninja: (Entering|no work)/ { next }
        /^\[[0-9]+\/[0-9]+\]/ {
            split(substr($1, 2), part, "/")
            share = int(10 * part[1] / (part[2] + 0))
            if (share > last) { last = share; printf "  %3d %%\n", 10 * share; fflush() }
            next
        }
        { print; fflush() }
        END { exit status }'
}
