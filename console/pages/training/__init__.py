"""The page 实训: labs, their steps, and what a check of them found."""

from console.pages.training.page import TrainingPage

__all__ = ["TrainingPage"]
