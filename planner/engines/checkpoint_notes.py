"""What to say about the checkpoint that a launch loads."""

from planner.engines import Deployment
from planner.weight_format import Checkpoint


def local_path(deployment: Deployment) -> str:
    """Return where a checkpoint that has to be made first is expected."""
    return f"./{deployment.model.model_id}-{deployment.weight_format.weight_format}"


def notes_on(deployment: Deployment, checkpoint: Checkpoint, *, path: str = "") -> tuple[str, ...]:
    """Say how to make a checkpoint that nobody published, or that its repository is recalled and not checked."""
    if not checkpoint.published:
        target = path or local_path(deployment)
        return (f"No checkpoint is published: {checkpoint.how_to_make}, and save it as {target}.",)
    if checkpoint.confidence == "recalled":
        held = checkpoint.file_tag or deployment.weight_format.weight_format
        return (f"That {checkpoint.repository} holds {held} is recalled, not checked.",)
    return ()
