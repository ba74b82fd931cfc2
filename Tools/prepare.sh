# Sourced by Tools/run and Tools/test: finds out what is missing on this machine, and installs it.

# Prints to standard error, for whoever must act on it.
say() { printf '%s\n' "$*" >&2; }

# need_swift: the one thing that is not installed here.
need_swift() {
    command -v swift >/dev/null && return 0
    say "swift is missing: install a toolchain of Swift 6.2 or later from https://www.swift.org/install and put it on PATH"
    return 1
}

# need_packages NAME...: installs the Debian packages of that name that are not there yet.
# Gives 1, with a message that says what to do by hand, when one is missing afterwards.
need_packages() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian: install by hand what corresponds to $*"
        return 1
    fi
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        # sudo may ask for a password, but only where somebody can answer.
        if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
            say "missing: ${missing[*]}; run as root: apt-get install ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    install_packages() { "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null; }
    if install_packages >/dev/null 2>&1 || { "${as_root[@]}" apt-get update -q </dev/null && install_packages; }; then
        return 0
    fi
    say "could not install ${missing[*]}; run as root: apt-get update && apt-get install ${missing[*]}"
    return 1
}

# need_python FOLDER REQUIREMENTS: a virtual environment with the packages of a requirements file.
need_python() {
    local folder=$1 requirements=$2
    if [ "$folder/installed.txt" -nt "$requirements" ] && "$folder/bin/python" -c '' 2>/dev/null; then
        return 0
    fi
    echo "installing Python packages into $folder"
    if /usr/bin/python3 -m venv --clear "$folder" &&
        "$folder/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements" </dev/null; then
        cp "$requirements" "$folder/installed.txt"
        return 0
    fi
    say "could not install the packages of $requirements into $folder: they come from PyPI; is it within reach?"
    return 1
}
