"""What Discord refuses, from the limits that its documentation states."""
