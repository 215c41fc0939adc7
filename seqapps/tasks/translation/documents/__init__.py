"""Documents, translated file to file with their structure kept."""
