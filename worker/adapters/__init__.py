"""The only home of I/O libraries. Each adapter fulfils a port and translates its library's errors."""
