"""What classes of modules and their methods are called in messages: torch's names for them.

>>> import gradtui.engine as torch
>>> torch.nn.ReLU
<class 'torch.nn.modules.activation.ReLU'>
>>> torch.nn.ReLU.forward.__qualname__, torch.nn.MaxPool2d.__init__.__qualname__
('ReLU.forward', '_MaxPoolNd.__init__')

Layers that share a base here may be written one by one in torch, or share another base there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtui.engine.naming import rename

MODULES = {
    "pooling": """
        AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d
        AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool3d
        LPPool1d LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d
        MaxUnpool3d
        """,
    "dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "loss": """
        BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss
        HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss
        MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss
        SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss
        """,
    "batchnorm": "BatchNorm1d BatchNorm2d BatchNorm3d",
    "activation": """
        CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid
        LogSoftmax Mish PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmin Softplus
        Softshrink Softsign Tanh Tanhshrink Threshold
        """,
    "conv": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "fold": "Fold",
    "rnn": "GRU GRUCell LSTM LSTMCell RNN RNNCell",
    "normalization": "GroupNorm LayerNorm RMSNorm",
    "instancenorm": "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
    "container": "ModuleList Sequential",
    "transformer": """
        TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
        """,
    "upsampling": "UpsamplingBilinear2d UpsamplingNearest2d",
}
"""The classes by the part of `torch.nn.modules` they are in."""

INIT = {
    "": """
        AvgPool3d CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d
        ConstantPad3d Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
        CosineEmbeddingLoss FractionalMaxPool3d Hardsigmoid Hardswish HingeEmbeddingLoss
        LSTMCell LogSoftmax MarginRankingLoss MaxUnpool1d MaxUnpool2d MaxUnpool3d Mish ReLU
        ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d
        ReplicationPad3d SELU SiLU Softmax Softmin Softshrink TransformerDecoderLayer ZeroPad1d
        ZeroPad2d ZeroPad3d
        """,
    "_AdaptiveAvgPoolNd": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d",
    "_AdaptiveMaxPoolNd": "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
    "_DropoutNd": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "_LPPoolNd": "LPPool1d LPPool2d LPPool3d",
    "_MaxPoolNd": "MaxPool1d MaxPool2d MaxPool3d",
}
"""The classes by the class whose `__init__` torch calls; "" is their own."""

FORWARD = {
    "": """
        AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool2d
        AdaptiveMaxPool3d AvgPool3d CELU Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d
        ConvTranspose3d ELU FractionalMaxPool3d GRU Hardsigmoid Hardswish LPPool1d LPPool2d
        LPPool3d LSTM LeakyReLU LogSigmoid LogSoftmax MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d
        MaxUnpool2d MaxUnpool3d Mish RNN ReLU SELU SiLU Sigmoid Softmax Softmin Softsign Tanh
        Tanhshrink
        """,
    "_CircularPadNd": "CircularPad1d CircularPad2d CircularPad3d",
    "_ConstantPadNd": "ConstantPad1d ConstantPad2d ConstantPad3d ZeroPad1d ZeroPad2d ZeroPad3d",
    "_ReflectionPadNd": "ReflectionPad1d ReflectionPad2d ReflectionPad3d",
    "_ReplicationPadNd": "ReplicationPad1d ReplicationPad2d ReplicationPad3d",
}
"""The classes by the class whose `forward` torch calls."""


def apply(classes: Mapping[str, Any]) -> None:
    """Gives the classes torch's names."""
    for part, names in MODULES.items():
        for name in names.split():
            classes[name].__module__ = f"torch.nn.modules.{part}"
    for method, owners in (("__init__", INIT), ("forward", FORWARD)):
        for owner, names in owners.items():
            rename([classes[name] for name in names.split()], method, owner)
