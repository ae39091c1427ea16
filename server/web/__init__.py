"""Pages for supervisors and the order desk: templates and static files, nothing from the internet."""
