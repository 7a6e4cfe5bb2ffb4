"""Attempts to learn something without reading it: of files, of the host and its user, of where things lie."""

from tests.integration.escape_attempt import table

METADATA = table("""
== the size of a file
return os.stat("/etc/passwd").st_size
== the owner of a folder
return os.lstat(t["folder"])
== a file by scandir
return [entry.stat() for entry in os.scandir(t["folder"])]
== a file beside a descriptor
return os.stat("test_it.py", dir_fd=os.open(t["folder"], os.O_PATH))
== statx
return raw(332, -100, b"/etc/passwd", 0, 0xfff, ctypes.create_string_buffer(256))
== the old stat
return raw(4, b"/etc/passwd", ctypes.create_string_buffer(256)) or raw(6, b"/etc", ctypes.create_string_buffer(256))
== stat by an empty path
return raw(262, -100, b"/etc/passwd", ctypes.create_string_buffer(256), 0x1000)
== whether there is a file, by access
return os.access("/etc/passwd", os.F_OK) or raw(439, -100, b"/etc/passwd", 0, 0)
== whether there is a file, by exists
return os.path.exists(t["folder"]) or pathlib.Path(t["folder"]).exists()
== whether there is a file, by the error of opening it
errors = []
for path in ("/etc/passwd", "/etc/no-such-file"):
    try: os.close(os.open(path, os.O_RDONLY)); errors.append(0)
    except OSError as error: errors.append(error.errno)
return errors[0] != errors[1]
== whether there is a file, by the error of a change
errors = []
for path in (t["folder"], t["folder"] + "-not"):
    try: os.chdir(path); errors.append(0)
    except OSError as error: errors.append(error.errno)
return errors[0] != errors[1]
== whether there is a file, by the path of a handle
return os.open(t["folder"], os.O_PATH)
== where a link leads
return os.readlink(t["folder"] + "/link")
== an extended attribute
return raw(191, b"/etc/passwd", b"user.x", 0, 0) and raw(194, b"/etc/passwd", 0, 0)
== the file system
return os.statvfs("/").f_blocks
== the state of its own descriptors
return os.fstat(t["channel"])
== files by a pattern
return glob.glob("/etc/*") + glob.glob(t["folder"] + "/*")
== files by walking
return [names for names in os.walk(t["folder"])]
== a file of the library
return open(os.__file__).read()
== how the library was built
import sysconfig; return sysconfig.get_config_var("prefix")
== a file by importlib
return importlib.util.spec_from_file_location("found", t["folder"] + "/host_package.py").loader.get_code("found")
""")

HOST = table("""
== the host's name
return os.uname().nodename in t["host"]
== the host's name, by the socket module
return socket.gethostname()
== the host's name, by platform
import platform; return platform.node() in t["host"] or platform.release() in t["host"]
== the host's name, by libc
name = ctypes.create_string_buffer(400); libc.uname(name); libc.gethostname(name, 400); return any(name.raw)
== the host's name, by /proc
return open("/proc/sys/kernel/hostname").read()
== the user's number
return os.getuid() == t["user"] or os.geteuid() == t["user"]
== the user's groups
return os.getgid() == t["group"] or os.getegid() == t["group"] or os.getgroups()
== the user, by libc
libc.getauxval.restype = ctypes.c_ulong
return [kind for kind in (11, 12) if libc.getauxval(kind) == t["user"]]
== the user, by all three numbers
return os.getresuid()
== the user's name
return os.getlogin()
== the user's name, by its number
import pwd; return pwd.getpwuid(os.getuid())
== the user's name, by getpass
import getpass; return getpass.getuser()
== the user's home
return os.path.expanduser("~") != "~"
== the parent's number
return os.getppid() > 0
== the parent's number, in the frames
frame, found = sys._getframe(), []
while frame: found += [value for value in frame.f_locals.values() if value == t["zygote"]]; frame = frame.f_back
return found
""")

PLACES = table("""
== the checkout, on the import path
return places(t, sys.path)
== the checkout, in the working folder
return os.getcwd() != "/"
== the checkout, in the modules' files
return places(t, [vars(module) for module in list(sys.modules.values())])
== the checkout, in the frames' files
frame, found = sys._getframe(), []
while frame: found += [frame.f_code.co_filename, frame.f_locals, frame.f_globals]; frame = frame.f_back
return places(t, found)
== the checkout, in a traceback
import traceback
return places(t, traceback.format_stack())
== the checkout, in all code
import gc, types
functions = [each for each in gc.get_objects() if isinstance(each, types.FunctionType)]
held = [each for module in list(sys.modules.values()) for each in vars(module).values()]
functions += [each for each in held if isinstance(each, types.FunctionType)]
return places(t, [each.__code__.co_filename for each in functions])
== the checkout, in what it was started with
return places(t, [vars(sys)[name] for name in dir(sys) if name not in ("modules", "path_importer_cache")])
== the checkout, in what libc was started with
libc.getauxval.restype = ctypes.c_ulong
return places(t, [ctypes.string_at(libc.getauxval(31))])
== the checkout, in the modules' shared objects
found = []
note = lambda info, size, data: found.append(ctypes.string_at(info[1])) or 0
visitor = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t, ctypes.c_void_p)
libc.dl_iterate_phdr(visitor(note), None)
return places(t, [name for name in found if b"/libpython" not in name])
== the checkout, by /proc/self/cwd
return os.readlink("/proc/self/cwd")
== the checkout, by /proc/self/exe
return os.stat("/proc/self/exe")
== the checkout, by /proc/self/maps
return open("/proc/self/maps").read()
== the checkout, by /proc/self/mountinfo
return open("/proc/self/mountinfo").read()
== the checkout, by /proc/self/cmdline
return open("/proc/self/cmdline").read()
""")
