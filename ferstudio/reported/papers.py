"""What each of the five papers prints, by the registry name of the network it ends with."""

from collections.abc import Mapping
from types import MappingProxyType

from ferstudio.reported import acsinet, agfer, csinet, gcca, psa_resnet
from ferstudio.reported.printed import Paper

PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        "csinet": csinet.PAPER,
        "acsinet": acsinet.PAPER,
        "psa_resnet50": psa_resnet.PAPER,
        "agfer": agfer.PAPER,
        "vgg16_gcca": gcca.PAPER,
    }
)
