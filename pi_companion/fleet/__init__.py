"""Fleet telemetry: health and counts to a broker that is there already; off unless the site file names one."""
