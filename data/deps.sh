# Shell functions that data/demo.sh and tests/run.sh share: which Debian packages are needed, and installing them.
# Sourced, not run; POSIX sh.

LGD_BUILD_PACKAGES="cmake gcc libc6-dev make libpcre2-dev libyaml-dev zlib1g-dev libzstd-dev liblzma-dev libopenblas-pthread-dev"
LGD_TEST_PACKAGES="$LGD_BUILD_PACKAGES check clang libclang-rt-dev libcjson-dev binutils jq python3 gzip xz-utils zstd strace"

# lgd_missing PACKAGE...: prints those that are not installed.
lgd_missing() {
    for package in "$@"; do
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || printf '%s ' "$package"
    done
}

# lgd_install PACKAGE...: as root, or through sudo.
lgd_install() {
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "not root and no sudo: install these yourself: $*" >&2
            return 1
        }
        as_root="sudo"
    fi
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
            --no-install-recommends "$@" >/dev/null
}

# lgd_need yes|no PACKAGE...: installs what is missing, or with `no` only tells.
lgd_need() {
    may_install=$1
    shift
    if ! command -v dpkg >/dev/null; then
        echo "no dpkg here: these Debian packages or their like are needed: $*" >&2
        return 0
    fi
    missing=$(lgd_missing "$@")
    [ -n "$missing" ] || return 0
    if [ "$may_install" = no ]; then
        echo "missing, and not installed because of --no-install: $missing" >&2
        return 0
    fi
    echo "installing: $missing"
    # shellcheck disable=SC2086 # a list of names
    lgd_install $missing
}

# How many jobs to run at once.
lgd_jobs() { nproc 2>/dev/null || echo 2; }

# lgd_configure FOLDER OPTION...: runs cmake, with ninja where it is there.
lgd_configure() {
    folder=$1
    shift
    if [ ! -f "$folder/CMakeCache.txt" ] && command -v ninja >/dev/null; then
        set -- -G Ninja "$@"
    fi
    cmake -S "$LGD_ROOT" -B "$folder" "$@"
}
