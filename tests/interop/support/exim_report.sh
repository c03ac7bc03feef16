#!/bin/bash
# Has Debian's exim4 (exim4-daemon-light) take a mail to a mailbox that does not exist, and prints its report to the return
# path: what tests/unit/usecase/mail_report_test.cpp reads was captured so. Run it as root: exim gives that up by itself.
set -eu
B=$(mktemp -d)
trap 'rm -rf "$B"' EXIT
chmod 755 "$B"
cd "$B"
mkdir spool log mail
cat >exim.conf <<EOC
BASE = $B
primary_hostname = mx.test
spool_directory = BASE/spool
log_file_path = BASE/log/%slog
pid_file_path = BASE/pid
exim_user = mail
exim_group = mail
local_interfaces = 127.0.0.1
daemon_smtp_ports = 2598
acl_smtp_rcpt = accept
begin routers
nobody:
  driver = redirect
  local_parts = nobody
  allow_fail
  data = :fail: 5.1.1 no such mailbox
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  file = BASE/mail/box
  user = mail
  create_file = anywhere
EOC
chown mail spool log mail
exim4 -C "$B/exim.conf" -bdf -q1m 2>log/stderr &
daemon=$!
for _ in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/2598) 2>log/connecting && break; sleep 0.1; done
printf 'From: <codes@palco.example>\r\nTo: <nobody@example.com>\r\nMessage-ID: <VL0@palco.example>\r\nSubject: 123456\r\nAuto-Submitted: auto-generated\r\n\r\nhello\r\n' >m.eml
curl -sS smtp://localhost:2598/palco.example --mail-from bounces+TAG@palco.example --mail-rcpt nobody@example.com -T m.eml
for _ in $(seq 600); do [[ -s mail/box ]] && break; sleep 0.1; done
kill "$daemon"
cat mail/box
