#!/bin/sh
# Installs one city on this machine: user, settings, units, and Caddy's file. Run it as root from /opt/kentongan:
#
#     deploy/install.sh kota.example
#
# What stands in /etc/kentongan is kept at a second run. DESTDIR puts all of it below another folder, and asks no
# system tool then (packages, tests).
set -eu

host=${1:-}
case $host in
    *[!A-Za-z0-9.-]* | "" | .* | *. | -*) echo "install.sh: expected the city's host name, like kota.example, got '$host'" >&2; exit 2 ;;
    *.*) ;;
    *) echo "install.sh: expected a name that phones find, like kota.example, got '$host'" >&2; exit 2 ;;
esac
here=$(cd "$(dirname "$0")/.." && pwd)
root=${DESTDIR:-}
python=$here/.venv/bin/python
[ -x "$python" ] || { echo "install.sh: $python is not there: run make runtime first" >&2; exit 2; }
[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "install.sh: expected root: sudo deploy/install.sh $host" >&2; exit 2; }

if [ -z "$root" ]; then
    id kentongan >/dev/null 2>&1 || useradd --system --home-dir /var/lib/kentongan --shell /usr/sbin/nologin kentongan
fi

# The store that runs here: the Valkey of the lock file, else the system's.
lib=$root/usr/local/lib/kentongan
mkdir -p "$lib"
ln -sfn "$("$python" -c 'from hub.embedded import find_server; print(find_server().path)')" "$lib/store-server"

etc=$root/etc/kentongan
mkdir -p "$etc" "$root/etc/systemd/system" "$root/etc/caddy" "$root/etc/sysctl.d" "$root/etc/systemd/system/caddy.service.d"
for file in kentongan.env store.conf hub-help.env hub-public.env hub-public2.env; do
    [ -e "$etc/$file" ] || sed "s/kota\.example/$host/g" "$here/deploy/$file" > "$etc/$file"
done
half=$(awk '/^MemTotal:/ {print int($2 / 2 / 1024)}' /proc/meminfo)
sed -i "s/^maxmemory [0-9].*/maxmemory ${half}mb/" "$etc/store.conf"
cp "$here"/deploy/systemd/* "$root/etc/systemd/system/"
cp "$here/deploy/Caddyfile" "$root/etc/caddy/Caddyfile"
cp "$here/deploy/sysctl.conf" "$root/etc/sysctl.d/60-kentongan.conf"
install -d -m 0700 "$root/var/backups/kentongan"
printf '[Service]\nEnvironment=CITY_HOST=%s\n' "$host" > "$root/etc/systemd/system/caddy.service.d/kentongan.conf"

if [ -z "$root" ]; then
    chown kentongan:kentongan /var/backups/kentongan
    sysctl -q -p /etc/sysctl.d/60-kentongan.conf || echo "install.sh: the kernel's bounds (deploy/sysctl.conf) were not taken" >&2
    systemctl daemon-reload
    systemctl enable --now kentongan-store kentongan-query kentongan-work kentongan-backup \
        kentongan-hub@help kentongan-hub@public kentongan-hub@public2 kentongan.target
    systemctl restart caddy
fi
echo "Kentongan is installed for https://$host"
