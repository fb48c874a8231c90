"""Ways to write an address that nothing from outside may make us connect to."""

# ruff: noqa: SIM905 - a table of words is easier to read than a list of quotes

INNER_4 = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.0.0.53
127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.17.0.1 172.31.255.255
192.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255
192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
""".split()

INNER_6 = """
:: ::1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8 64:ff9b:1::7f00:1 100::1 2001::1 2001:0:7f00:1::
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a00:1:: 2002:a9fe:a9fe::1 2620:4f:8000::1 3fff::1 3fff:fff::1
4000::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456:789a::1 fe80::1 febf::1 fec0::1 feff::1 ff02::1 ff0e::1
""".split()

DISGUISED_HOSTS = """
2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 017700000001 0177.0.0.1 0177.1 127.1 127.0.1 127.0.0.1. 127.000.000.001
0 0x0 00000000177.0.0.1 1.2.3.4.5 256.256.256.256 127.0.0.0x1 ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127．0．0．1
localhost LOCALHOST localhost. foo.localhost printer printer.local db.internal router.lan nas.home.arpa
metadata metadata.google.internal hidden.onion
""".split()

URL_FORMS = [f"http://{address}/" for address in INNER_4]
URL_FORMS += [f"http://[{address}]/" for address in INNER_6]
URL_FORMS += [f"http://{host}/" for host in DISGUISED_HOSTS]
URL_FORMS += [
    "http://[fe80::1%25lo]/",
    "http://[::1%lo]/",
    "http://news.example@127.0.0.1/",
    "http://127.0.0.1@news.example/",
    "http://news.example\\@127.0.0.1/",
    "http://127.0.0.1\\news.example/",
    "http:\\\\127.0.0.1/",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\r\nHost: news.example/",
    " http://127.0.0.1/",
    "http://127.0.0.1%2f/",
    "http://%31%32%37.0.0.1/",
    "http://[127.0.0.1]/",
    "http:///127.0.0.1/",
    "http:127.0.0.1/",
    "//127.0.0.1/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "unix:///run/redis.sock",
    "data:text/html,hello",
    "javascript:alert(1)",
    "http://news.example:6379/",
    "http://news.example:0/",
    "http://news.example:99999/",
    "http://news.example:80a/",
    "http://",
    "",
]
