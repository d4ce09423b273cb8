"""体检: this machine, the workspace and its networks, each finding with a next step."""

from console.pages.doctor.page import DoctorPage

__all__ = ["DoctorPage"]
