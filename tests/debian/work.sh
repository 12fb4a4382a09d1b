# Work of the kinds that the services of a Debian do: each job's name, its output, its status. The output is the same in
# every run, and the services that are not installed are passed over.
job() {
  printf '== %s\n' "$1"
  shift
  timeout 120 "$@" 2>&1
  printf '== %d\n' "$?"
}
has() { command -v "$1" > /dev/null; }
export HOME=/root
cd /tmp || exit 1

job users sh -c 'userdel -rf visitor 2> /dev/null; useradd -m visitor && id -un visitor && su visitor -s /bin/sh -c "id -un; cd; pwd" && userdel -rf visitor 2> /dev/null'
job run systemd-run --quiet --wait --pipe echo from a unit
job sandbox systemd-run --quiet --wait --pipe -p DynamicUser=yes -p ProtectSystem=strict -p NoNewPrivileges=yes cat /etc/hostname
job journal sh -c 'logger -t observe a line; sync; journalctl --sync; journalctl -t observe -o cat | tail -n 1'
job bus busctl --no-pager call org.freedesktop.DBus / org.freedesktop.DBus GetNameOwner s org.freedesktop.DBus
job time timedatectl show -p CanNTP
job host hostnamectl --static
job logins sh -c 'loginctl list-sessions --no-legend | wc -l'
job names getent hosts localhost
job perl perl -MSocket -MPOSIX -e 'print inet_ntoa(inet_aton("localhost")), " ", POSIX::floor(2.5), "\n"'
job archive sh -c 'tar -C /etc -c passwd | gzip | gzip -d | tar -t'
job digest sh -c 'sha256sum /etc/debian_version | wc -w'
job packages sh -c 'dpkg --verify | grep -v " /usr/share/doc"; dpkg -l | grep -v ldseal | grep -c ^ii; apt-get check -qq; dpkg-query -W -f="\${Version}\n" base-files'
has python3 && job python python3 -c 'import ssl, sqlite3, ctypes, decimal; print(decimal.Decimal(1) / 3, ssl.HAS_TLSv1_3)'
has psql && job postgres su postgres -s /bin/sh -c 'cd; createdb job; pgbench -q -i job 2> /dev/null; pgbench -n -t 20 job | grep processed; psql -Atc "select count(*) from pgbench_accounts" job; dropdb job'
has redis-cli && job redis sh -c 'redis-cli set key value; redis-cli get key; redis-cli eval "return 6 * 7" 0'
has nginx && job http sh -c 'echo page > /var/www/html/page; curl -s http://localhost/page'
has memcached && job memcached python3 -c '
import socket
s = socket.create_connection(("127.0.0.1", 11211)); s.sendall(b"set k 0 0 1\r\nv\r\nget k\r\nquit\r\n")
print(s.makefile("rb").read())'
has sshd && job ssh sh -c 'mkdir -p -m 700 ~/.ssh; [ -f ~/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519; cat ~/.ssh/id_ed25519.pub > ~/.ssh/authorized_keys; ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR localhost echo over ssh'
has dig && job dns dig +short @127.0.0.1 localhost
has chronyc && job chrony sh -c 'chronyc -n tracking | grep -c "Reference ID"'
has haproxy && job haproxy haproxy -c -q -f /etc/haproxy/haproxy.cfg
has sudo && job sudo sudo -n -u nobody id -un
has crontab && job cron sh -c 'echo "0 0 1 1 * true" | crontab - && crontab -l && crontab -r'
[ -f /var/log/syslog ] && job syslog sh -c 'sleep 1; grep -q "observe: a line" /var/log/syslog && echo found'
exit 0
