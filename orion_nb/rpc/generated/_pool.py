# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
"""The descriptors of all messages, in a pool of their own."""

from base64 import b85decode

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DESCRIPTORS = b85decode(
    "3ZfMX6mN2AZ*DJkF)wssb8B-haB^>SZxRS^a%pdFE_N{@g#ii%RAFLlWpff33I}s^a%pa7a~J_211Jen2Xl0CX>M"
    "n85-bV`aBpmBV`*h`7y=*zC<`(WE^l&aZ*DGjF)mPVY-wY8QV4KwY-wX@WpffU3JPOyZE$aHWo~qH7y}>!C<`(ZE"
    "^l&aZ*DGjF)l-IZE$aHWo~p*3S)0=aBps9Zgg`ZfddK#P;YE$V|fxO3I$_fV`ya<0U!Y=4l)xiZ*pmGZZ38)E<<5"
    "sXk|@rWMxtXV_{=xWfB+)2XbX}a%p9A7y=*xC=F5va%FUKX=QT~E(#NDZ*z2CcW-iQWpZC~Wpr|BWpfw<AOR>1QW"
    "0!#b97g4a%*LBQe|{<X=QT~9SR3@X>Db1b#xd6AOR==NB~j?bZKp6Z*_Et0Ra*w3JiB)X>?z7X>Db1b#xd7AOR=="
    "NC8p{cVTICRB3HxZ*_Et0Ra*$3J-H|Wn*=0VRU6*VP<q?au^060Vn}T0#XihaAjk4Y+-a|L1uJia)<!|5*7*uX>D"
    "+Ia%C6?AOR={QU+;laCLHJ5-17;YiVv|7ziK%C=N0dE^l&aZ*DGjF)mkca%*LBOKEOoQUq&hZe$V~3J7p=X>W3Ab"
    "a@yFAOR>5QV4KzX>W3Aba_Gw3J70xX>Db1b#y`x3JqU(VQF+<bZKp6Z*_D+5(*Gsb8uy2b!=gDWnW=tbY*fPUkV9"
    "BZ*6dIZe?zC5)ujoYiVv|7y%#wC<#&oYiVv|5)ujoZeeX@7y=*xC<#&oZeeX@5*7*uWNBw*b95L3AOR=|QU+vcXJ"
    "vDA5)ujoZf|sD7z7{zC<#&oZf|sDB1j4bQe|UlaAgu63JPOyZE$aHWo~qH7y%#yC=F5yV{dJ6Z*FC7baN6O3JP#?"
    "Z+2yFVQyn(7y=*zC<#&uaB^>UWo}_^V`U;S3IkGQW)cz#1ax6@YZw6_0VoMl1ax6@YZ4X;25)tAaCLMT0w4h>2~q"
    "}cb#!obbRxC_3ItSPb88X~3Ib_l7y%#wC<#&mX=D--3IuLpZDkk&AOR>1QUq>cZDkTA3I=IzaCLNZ7y}>!C<`(TE"
    "^l&aZ*DGjF)mVNW>N-eZg6#Ua}pE^1z~1%WpWq<AOk1~QUzgVbY*f97zzh(b#!obbaNO5AOk23QU`B!bZ~Waa}pE"
    "^1!r<^b#NF4AOR>1QUzynZ*_1IC<+F0Wn*b@Wf%t_0VoSH5H4?WX>V>Wb}=qeWn*b@Wl{!mWn*b@WfCb05Or>2VP"
    "j}zWM5)sV_|i3Wf%w`0VoYp4|Q&1VPj}zWI|<QVRdt55*7*uaBpmBV|f?}AOR>1QU-8uY-wY85*P{xb7gaLX>V>A"
    "3LpU}4N?blWpi_BZ*CG63I=RpVr6V|7z-c+C=F5uY++($Y;z(=3I<PgbZ~Wa5)ujoZeeX@7y%#wC<#&oZeeX@5*7"
    "*uWNBw*b95L2AOR=|QU+vcXJvDA5)ujob7^{I7y}>yC<Iajb7^{IB9#FO2~=ToYejN$Z*me63IuCuZe$n%AOR=|Q"
    "Uq&hZe$V?3Iud{aAg<*AOR=|QUr8)aAgu03I}avb8}&5Wf%h>0VoMl2W@3@b75y?5*!K%baG*1Wny7tYZwF|0VoM"
    "l33PH{V`XAtV`~x;3It+oZ(<k)AOR=|QUqdbZ(<S@3I%3qZeeT~1|R__2vP-RX>MU`BDw(z3_)XbX>V>)Wpj0GbP"
    "^B>18Ze@7y%#wC<#&nYh`&7Dhda0b#!obbaNO2AOk21G7v6ra%pdFE_N|4Pjz%~b#zh(Z*_EVb#!wQ8VU$xb#h^J"
    "X>V>A10Vq?0a6HLb#h^JX>V>49tsL{a$#<BV{&P5bQlC60VoMl3UqQ|ZgXRDX>fEB777M$a%pF2ZWsk10VoMl25)"
    "j{XK8K{7zzhta%Ew3Wn>rzAOR==QU_ylWnpw>WFqhZ3I;=HVQyz-5)cXlb7gTD0U!Y=1X2TYWpNS?3Ibtt7y=*xC"
    ";?IeVRRA_3Iudvb88p_AOR=|QUr8ib88YI3IlI!WEcb>0VobK4=!(VX>V>Wb}=qfbYXO5QUh;nWD+3?18!w^7zH2"
    "!C=N0YE^l&aZ*DGjF)mYdVRU6u18!w^5)cXlcW8MS1|R__2~q=hXn7JC3I}0ybY*RDbQlL90VoYp2Vrz{Wo>YD5*"
    "7*ucW-iQWpWq@AOR=|QU-T#a%*LB5+(`;WMy<=X>1q?AOk21G7c_pa%pdFE_N|4Mqy)gQU+vYbYW?1BHjWD1V&+F"
    "bP^H@1a4t%Wf%b<0VoMl1a4t%WfBw$1axJ1bQl640VoMb08#{WWq5QF7zze%b!}p0au@?30Vn}T08$2Sb!}p0auO"
    "5@1ZHeuXBY$^0VoJa08#{IY++{-D+&c=a&m8S7zH2!C<`(ZE^l&aZ*DGjF)mbLb8AI%a&K}-08#~Ia&m8S5+n))b"
    "YXLA7zQ8#C<`(UE^l&aZ*DGjF)mbLb8AQdQUr8ib88YU3I}g>bZ~Waa~KC80VoSH5iW0XX>V>Wb}=qbb#!obbaO}"
    "mQU`B!bZ~Waa}qEL26AO{b!>DP2p|C{3o;fiZ*pmGZZ38)E<s~-X>V>)Wpj0GbVvYF26AO{b!>DJCkh2_VQpn|7z"
    "rQ&C<`(VE^l&aZ*DGjF)mJFZDn&v08#~RVQpn|5*7*tcW7^HWf%$|0Vonk08#~aXm4y~LI(;3c42IFWg;~S2Tyf$"
    "aCLNZ5-JJ@Z*_EVb#!wW0U!e?3o;NcZ*pmGZZ38)E>CrIaCLN22XA$BaCLNZA{`0^PGN0ja}pE^1#V$&Wpfw-AOk"
    "1~QUz{dZDn&Je+mUga$#*{5)ujobYXLA7y%#wC<#&obYXLA5*P{xVRUq5ZE$oL0w4h>4N?bTbaZ8HaC8z73IlUxa"
    "To(20VoYp19N3@5)ujoYiVv|7z7{zC<#&oYiVv|5)ujoWMOn+7zH2!C=5~rWMOn+5)KLiVRRS<AOR==QUYOgB8&k"
    "F2vBlwXL4n8a}p8?1ax6@YZw6_0VoMl1ax6@YZ4d=2Vrz{Wo>YD7y=*xC=F5vVRUq5ZE$oF5()%lZ*FB610Vq?0a"
    "65HZ*FB06bc1&Z**a77z7{zC;?IhbZ>NFY!Vm>2W@3@b75y?7zH2!C<#&rZDn(FVP|C$4hjNcbQlI80Vn}d0%3G2"
    "kO2w>Q*>c;WfBew3R6@;R7GD-PfkS;01^ud2UkH!R7p-p5CIYk3I|Y9PeMsfM-T!M2?_;LML|Sa5Cakm3I|eEPEJ"
    "WqM-T)O3knB9K|@PVMn(_?5(o+eL{Cmd5C#$o3I;|&NlZmV5C;+y3J+CKQ&dt#K}}yqK}k$SL=XrP4GIZEK~6(OO"
    "iV>Y5D6+m3JF7DV`ybfZ)9Z>5ef}MK|@GIUqnSlK~+pt5C9Sr3J*g;Lr6tmQbj{gO;A--MGyfJ4GIZEK|@GIUr$C"
    "x5CSSC3JO<ma%*LBOKEOo5(^3kP*P7rMN?A{01^rc22@B=ML|Rm0b&Mla&L5RGYak;3Keg1X>V>Xb}=t=baG{3Z7"
    "y(fZ**@G2yb#}Z*DGjF&Y$aa%pdFFLp66bYXLAb1ralZ**@W*aHd)RBuvsZggpFWfB+)2XbX`b!BsO7y%#wC<Iam"
    "a%FLKWpi{ACkh2<Wo&G37y=*xC<`(VE^l&aZ*DGjF)m1DY;12x08#~LWo&G35-JJ?b9G{EX>=F^AOR=~G7v6ra%p"
    "dFE_N|4Q*~l(X>>>cQU-H%Vr^-35-JJ?V_|M%Wo#G(AOR=~G7v6ra%pdFE_N|4Lt$=XWo$?QQU+sTZewL^5+@1;a"
    "%FUKc^CyC0VoSH4=!(VX>V>Wb}=qeWpr|RNB~j=a%FUKc@ilK24-(^XJvF41|R__3o;KbZ*pmGZZ38)E>vN2Yja2"
    "dQU+#ka%W|95-AD>W^Zh4Z+936AOR=~G7m0qa%pdFE_N|4RAF;#b4UPE24-(;Y;SiGCkh33VRU0?7ziK%C<`(VE^"
    "l&aZ*DGjF)mkObYo~p08#~aVRU0?5-kb`b#8ZIbYo~32_OL|3o;QdZ*pmGZZ38)E>&)KVRU0?NB~j?b#8ZIbYo}|"
    "Bnkv`Wo2#{3LpU}3o;HaZ*pmGZZ38)E>mS?Zb$%91aoC&ZW1aA1a4(_a~KOC0VoSH6fSRaX>V>Wb}=qjZ*ps8a!z"
    "G;b4UPE1a4(_b3z9S1#fa>WpX0(0SXI7a&K)?b#8QNZDkTG3I}&(Y-4Y2Wf%b<0VoSH5iW0XX>V>Wb}=qjWo%<_Z"
    "DmpicV%p2Z*64~B?<*)Ze(R-7y=*zC<`(VE^l&aZ*DGjF)l@JWMyPh1!ZnzWn>Z|3It(eYjYR_AOk21G7T<oa%pd"
    "FE_N|4L1SxD1Yu)qa}pv71ZHJrWEcb>0VoSH4lZwUX>V>Wb}=qSWo2Yi1ZHJrWD+e325)j?WpZ;E1t0?`3o;chZ*"
    "pmGZZ38)E>~}IYh`jza%5$4QU-5wWMy)55*i8!W?^z=cV%pB7zQ8#C<#&sW?^z=cV%pBB7p%41xRIVY;O`83J7p="
    "Z**^CZ)_L=AOR>1QV4KzZ**^CZ)_463I}#&a&u{KZWsa}0VoMl2X<w0b7^mG5*P{xb7gaLX>V>A10Vq?2~r1hWpi"
    "_BZ*CG63I=0rX=QG77z7{zC<#&qV{B<<Zgdh53IlLyWEce?0VoYp18`|%B9{UR2UlfmV{dI`5*i8!aB^>SZ)0z47"
    "y%#wC=F5waB^>SZ)0z45*P{xc4cyNX>V>A0w4h>2~r1kWpZ<AZ*CG43I%0wZ)0c}10Vq?2~q`RaBpL15)=vrV{C6"
    "@YZwF|0Vn}d1!HV)V`~x{3JGIjV`ybxWNC631t0+^2~r4SVPj}zL}_vo9SRC#VPj}zUu|J>YZwL~0VoMl31eYnXk"
    "|@da%&PF3JYUlV`ybxY-w$2bQlL90Vo7g3S(hoXk|=kZE1887zzhub#h^1Y-Jb-AOR={QU_#pa$#a@WfBq!1Z!z-"
    "WEcq`0VoMl1Z!z-WD*|=3u9qpXk}k>X>Ma>7z!W(C;?ImV_{=xWm9QxV`U=90SX3Fbz*I4bP^H@1Z{6}Wf%b<0Vo"
    "Jk1Z{6}WfD3H40CmIa&L8RWNB_^a~J|30VoSH7A|jcX>V>Wb}=qfb#iiVb#7#7ZfA2+40CmIa&L8RWNB_^a}p>D2"
    "6SO!Y-Mv810Vq?3o;NcZ*pmGZZ38)E>vM+Y-Mv&26SO!Y-Mv2DhdU3VRLJ97z7{#C<`(aE^l&aZ*DGjF)mPHV{2t"
    "(RAF;#QU!Ejb8B-F7zzh)VRUI_Zgdz0AOR={QU`EhbZKR7bRuF33{!P-a&L8RWNB_^a}pd131n$<Wn*-2a(Ng5AO"
    "R>0QVC>fa%E$5Z*qAO5()%xVRUF10w4n@3{nJeVRUE`APNg*Zgy#MZ*Fa6Zgdy}AOk22QVV5nc4=~NZf#|5bRwex"
    "3JOqRV{2t(RAF;#5+Vu&bYXLA7y%#wC<`(UE^l&aZ*DGjF)mbLb8AurbYXLA5)=vqV_|G;7y=*xC=5sdQUqgRY-|"
    "z~3It+oZ(<k&AOR=|NB~j<Vr*|>5)=vqYh`eB7z7{zC<sUZQUq&daC8zU3I%6rc4clD1t0+^3o;KbZ*pmGZZ38)E"
    "=Os0Wo}3SQUzyec4clt1_}gYZ)9a6RSE@1X?A695*7*uWNBw*b95L1AOR=|QU+vcXJvDA5)ujob7^{I7y=*xC<Ia"
    "jb7^{I5*G>tWMOn+7y}>yC=5sdQUqjSbYX}A0YV1~1z%)gbYUVe3I;=AZewL^5)=vrbYXLAa~J_211Jen1$1F^Yj"
    "YA13Ilg&c^Cp90VoMl19xb7B0UNPQe|{<c@h)~1$1F^YjYR@AOk1~QU!Ejb8B-F9tsL%Z+C8UbaG{3Z5RR|0VoJk"
    "3S@70ZgX^UWnpb19SQ|hVRLJ95)=vrbYXLAa~J_211Jen1$1F^YjYw`3I$hTbYo}|6bc1paBpL17y%#wC<#&pWpH"
    "m}Xc7<#19N3@7y=*xC<Iaib7gT79tsL&c4cyTbZBXAXBYz@0VoJk3T1X>a(Q%UX>MmC2?_^QZg*jHV`w5A3ItPSW"
    "o{A_3I%C&Wo>g90U!Y=1X2ZQbY*RGB1Q@WL1SwY7zzh+WpQ<7b95L1AOR=@QU`Knadl;LbP^>B1!Zz_Z*mv{AOR="
    "~G7m0qa%pdFE_N|4MRIa)a#96la&m8SA~gyHMRIa)auN~>1ax_DWf%b<0VoMl1ax_DWfB+)2W@3@b75y?7y=*xC<"
    "#&rZDn(FVP|C`ZVClOZe(R-5)ujobYXLA7y%#wC<#&obYXLA5+w=+b97;JWf%e=0VobK4=!(VX>V>Wb}=qfbYXO5"
    "QU!B#VRU5@Dhda0b#!obbaNO3AOk21G7v6ra%pdFE_N|4Qe|^>Y;;lwZ*_EVb#!wgY6=EYWpj0GbP^H@1a4t%Wf%"
    "b<0VoMl1a4t%WfB$&24rbxWpi{G0w4h>2~q}RX=i0~bP^H@1aoP6Wf%h>0Vo7g1aoP6WfB((1Y}`!VHgA;0VoVe0"
    "8#{GVRT`L0Rch>3I$(eVRT_4kO2w=MrCDW5)=vrWpHm}Xcz$?0VoMl1!Zt=V`vf(3IlUxaTo$10Vo7g19N3@5)cX"
    "lXJK#{10Vq?2vP%QVQ>;C3I=pxVr*q|7z7{zC<`(WE^l&aZ*DGjF)mbLVr*q|QU-KkVr*q|5+n)*X>?_6a~K6611"
    "JkJ4lZwUX>V>Wb}=qVbY*Q)1!;6;ZF3^80SW|3bY*Q4DhdW;Xkl(=Wf%b<0VoSH5H4?WX>V>Wb}=qPXkl(=Wk>*0"
    "24iSpZf9i@Ckh2-a$#*{7y=*xC<`(VE^l&aZ*DGjF)l`OVQpnd08#~Ja$#*{5-<t~aB^>Fa%FRK7y}>yC<`(YE^l"
    "&aZ*DGjF)mPYZ)b94b8|=lQV4KzZ)b94b8`|H3I}Fya%E{}ZWsh00VoJk2WD?_Woc(_LIw&1X>?_6BBB8b3s-M)Y"
    "h`jza%5$45*7*ucW-iQWpWq+AOR=|QU-T#a%*LB5*7*uZgp*9WpWq-AOR=@QU-2yZDM6|5-17-a&>MP10Vq?3o;Z"
    "gZ*pmGZZ38)E<tm1X=iS2Wo~px08#^Tb#4+C3I%g?WnpX>1Rwz@2uJ`@1#@&|VQdl@3I=0gZewL^7zH2!C<sUZQU"
    "+sTZewL^LI(;3Z*pX1aw4<=3JO7Ub7^O8ZDnqB5)ujobYXLA7y%#wC<#&obYXLA5*P{xVRUq5ZE$oL0w4h>4N?bT"
    "baZ8HaC8z93IuLpZDkk(AOR=|QUq>cZDkTC3I=IzaCLNZ7z7{#C<`(VE^l&aZ*DGjF)l}Gc4cl-25D|^b#!wQAqo"
    "U?WoC021t0?`3o;EZZ*pmGZZ38)E>dM?QUr2kW^)o43I}g>bZ~Waa~K9711Jen2XA$BaCLNZBG&>63RiD(Yh`jyW"
    "p{HD777M;Z*ps8au@+10VoMl26u0AYh`j0777M#b!}p0au@<20Vo7g25xn2Vr6m?Bnkv%Z*FB610Vq?3o;HaZ*pm"
    "GZZ38)E=^%%Wk>*01Y~b+WfCe124-PtY-MB^1Rwz@3o;NcZ*pmGZZ38)E<$o|Yh`Xo08$2KVQFk-WD+C_1Z;0}bQ"
    "lF70VoSH4lZwUX>V>Wb}=qYZ*z1=08#{OZ*z1K9tsIzVqtD%Z*FB|7zQ8#C<sUZQVC&VVQyq^Ze?T=7zze+bZ=~B"
    "ZWsq30VoJa08$2XbZ=~BZW1jD2XJy}Zggd27ziK%C<`(XE^l&aZ*DGjF)mPYX>N37WJmx~2XJy}Zggd25-<t~aB^"
    ">Fa%FRK7zrQ&C<`(YE^l&aZ*DGjF)mPYZ)b94b8|=lQV4KzZ)b94b8|ul3IuLtcXJ|U3It7IWMvX63I}g>bZ~Waa"
    "~J_211JkJ5H4?WX>V>Wb}=qeWpj0GbW#Uzb#!obbaN6I3I}s#V{dL`a~J|30Vn}d2Xkd(Z*F9B5*P{xV`yP+XJup"
    "<10Vq?2vP@QXkl(=Wn>~`3I;-QZ);_45-AD=WpZ+Fau@+10VoSH6E1IZX>V>Wb}=qgVRLIma&m8SQUzsla&K}HAq"
    "oj)cw=R7bZKvH7y=*xC=5sdQVC^vV`Xr3X>V?b0Rch`3JPCkcw=R7bZKvHA}|UBOmA~^5*7*uWNBw*b95L1AOR=|"
    "QU+vcXJvDA5)cXlcW8MS0w4h>2~q=hXn7(s3I|YfX>N37WD+L|24-?$ZDn&90U!e?3o;KbZ*pmGZZ38)E=F=;ZDm"
    "phW^!R|WpiQ%aB^>SZ!-#)9|{(4a%pdFFLp66a&>NWX>DaLaB^>SZxRS^a%pdFE_N{*6mN2AZ*DJkF)wssb8B-ha"
    "B^>SZyFVEa%pdFFLp66b98cLVQnsOa&L5RA_ocuMQw0&c_JPP2vlKnYffQpWfBq!1a4t%Wf%b<0VoMl1a4t%Wg;O"
    "83sYrtb7^mGPGN0j5)ujoZeeX@7y%#wC<#&oZeeX@A{`0^LvM9%bP^N_1!He@Zgdy{AOR=@QUzmgb#8PbGzte(Wn"
    "*t{WOEW73I}s#V{dL`a~J_20Vn}T08$5YWn*t{WOIlC0YVB22w!t$V{dL`b0Q!L21IFRWpi{A777MrX=i0~bQl33"
    "0VoMl24rbxWpi{QBMJvZX=i0~baN6I3I}9qXJvDAa~J_211Jen2V`kyWpi|MB4-K<RAF;#Qe|*&a&&VNC<+F2VPb"
    "4$a~J_20VoSH5H4?WX>V>Wb}=qgVPb4$b5aI$VPb4$a}q8J2XbX_Z*p{V7y=*zC<`(aE^l&aZ*DGjF)mbLb8Av%a"
    "Bp&SQU`KnaBp&Sb0Ve!3JO$Vb8Av%aBp&S5+Vu&bYXLA7y%#wC<`(UE^l&aZ*DGjF)mbLb8AurbYXLA5+w=+b97;"
    "JWf%e=0VobK4=!(VX>V>Wb}=qfbYXO5QU!B#VRU5@5DEipWqB9_AOR=|QUhycc@ioL2XA$BaCLNZ7z7{#C<`(WE^"
    "l&aZ*DGjF)mMabZ~WaQU`B!bZ~Waa}p^E1!Zz_Z*mv~AOR=~G7~Oua%pdFE_N|4RAF;#MRIa)a#96la&m8S5-17-"
    "XlZm91|R__3o;fiZ*pmGZZ38)E<s~-X>V>)Wpj0GbW#IoX><}23IuX*Z*&+3AOR=|QUr2uZ*&qS3I%g?Z*qAU2p|"
    "I}3o;NcZ*pmGZZ38)E<<QxZf9ju1#@(7a(N;*3JXSZVQpn|Q)zBvWfBq!1ax6@YZw6_0VoMl1ax6@YZ4R+1#@X`V"
    "`UfuAOR>1QU!BqZewL4H3|wwa$#*{LSb}cXc8w124-?$ZDn&90U!e?3o;KbZ*pmGZZ38)E=F=;ZDmphW^!R|Wpg4"
    "(3I<nUZggd25)ujobYXLA7y%#wC<#&obYXLA5*7*uZ*_EVb#xd4AOR=|QU-5zbZ~Wa5)ujoY;SXP7y}>yC<#&oY;"
    "SXPB3B9rOmAahbY)}`777MrX=i0~bQl330VoMl24rbxWpi{A5()%!X?kTC0w4h>1X2WZX?kT67YYPqVRT^_10Vq?"
    "3`hV{1Y}`!VTb_%LI(;3Uu0o)VIuee3JpeKX>4_JWm08uZ*p`J5()%vVQpm?0U!Y=2~q@ZVQpm+B?<*|bYXO57y="
    "*xC=N0YE^l&aZ*DGjF)mYdVRU6u1#@&^bY&7L3I%0ya&K}N10Vq?3o;WfZ*pmGZZ38)E>vN2YejN$Z*o!vWpZ+Fa"
    "uOj531xU=WpH$9Z*CX_AOR>0NB~j^Wq4y{aCB*JZioQ^5-17=bYWs_Wpfw>AOR=~G7v6ra%pdFE_N|4RAFLlWph#"
    "nbYWs_WpffH3I%g?Z*qAU1|S0{3o;NcZ*pmGZZ38)E<<QxZf9ju1#@(7a(O}w3JPCkcw=R7bZKvHB6|u7L1SZOaC"
    "BjAV`UN&3Iudvb88p@AOR=|QUr8ib88Y13Il6pc^Cp90VoMl18Ze@5;F=4V{dJ6Z*FC7baNO3AOk21G7~Oua%pdF"
    "E_N|4LvL+xZ*FC7bW#dqZ*6dIZe?zCa}p8?1a4t%Wf%k?0VoMl1a4t%Wg<xm1w&|cZfg<}3It?fbYU0)AOR>0QUq"
    "jSbYT({3I%j;bYW~50w4h>1X2ZbZ**a75*7*uWNBw*b95L3AOR=|QU+vcXJvDAB035TP;zf#WkGIpcV%*O5-JJ=X"
    "lZnF7y%#yC<`(cE^l&aZ*DGjF)l%4bZKvHQe|^>Y;;ltXlZnFA}<ODOJ#Xgb7gZ9Bnkv|b7gZF0U!e?3o;NcZ*pm"
    "GZZ38)E=y&3RdZ!h1a)&|b0S{~21{jmRdZz$5DEipWqB9@AOR=|QUhycc@i@U3S)0=aBps9Zgg`P0w4n@3o;WfZ*"
    "pmGZZ38)E<<l^aBps9Zgf%#V{dJ6Z*FC7baN683Ibtt7y}>yC;?IeVRRyO3JODEV`yblbYXO55*P{xWo~qGX=QU5"
    "0U!Y=1X2fOZgg^KWpfe~3I$?$bY*iG0w4h>1X2ZJd30rS5*Z2wY-w$2bQl950Vo7W08#~PX>DnAhyei-5()%xVRU"
    "F11Rwz@2~q@bVRUFh2nq&YY-w$2bRs?q3`1dKXk|ribaH8Ba}q8J2W4(_a%p9A7y%#yC<`(aE^l&aZ*DGjF)l-4V"
    "`ybXZgg^aQU_&jbaH8Bb0U5U3PWLIXk|ribaHtT5DEipWqB9@AOR=|QUhycc@h!|1a4t%Wf%e=0VoMl1a4t%WfBw"
    "$1!8%0Wpfw<AOR=@QUzjpbY*iA8VU$xb#h^JX>V>A1Rwz@0a6HLb#h^JX>V>47zzhta%Ew3Wn>ryAOR==QU_ylWn"
    "pw>WFn;k3Jg+pZggpFWm9xvbY&6}3IuCuZe$n%AOR=|QUq&hZe$V=3IlLyWEcV<0VoYp18`|%5*P{xc4cyNX>V>A"
    "10Vq?2~r1kWpZ<AZ*CG63I=d_bZBpG7z7{zC<#&qaCvlSZ*CG83I}s^VRCe3WEce?0Vn}d2Xk~`a&%>65)=vrV_{"
    "=xWf%q^0VoMl1!G}jXk`)*3Il9!XBY<{0VoMl18i?+5-$n|cW-iQWpZ;E2p|I}3o;chZ*pmGZZ38)E>~}IYh`j%b"
    "YXO5QU`Z$a%*LBa}pK`24!|-Zgg`P2_OR~2~q}Sc4cmKa}qKN2y<m~b7^mGa~KLB11JkJ7A|jcX>V>Wb}=qfWpi_"
    "BZ*Eg`VRU6u2y<m~b7^mGb0R+q3|DV*Yh`j%bYXO5a}qBK2X}9BYh`kC7y%#yC<`(bE^l&aZ*DGjF)mkca%*LBQ*"
    ">c;Wl{%sZ*ps8a&sa@3JX_na%*LBQ*>c;WfBew0%>Fz0U!Y=2~q-SWD*hz1Z!z-WEcV<0VoMl1Z!z-WD*hz1ax6@"
    "YZwC{0VoMl1ax6@Ya*Zl3Jg<ab8~5LZc}t&bY&6}3IuLpZDkk%AOR=|QUq>cZDkT13JGIxZf<2`bY)~10w4h>2vP"
    "}SZ*Fd7V{~O?5*P{xcVTICX>Mm210Vq?4N?bpVQF+}Zf6o03I}p^Zf<FAXBY$^0VoYp2Xb|8ZfS035)ujoWN&U|7"
    "zH2!C=F5sWN&U|5*7*uW?^Y;Wn>rzAOR>1QU+#WX>4U=B83482v%isb7^mGa}qoX2zF(1b7^mGa~J_211JkJATDo"
    "mX>V>Wb}=qiWpZ<AZ*FrgR%LQ?X>V?GMQ(I*c~S^=WpZ<AZ*FrMI|>a}WpZ<AZ*Fr%Zgg^a5)cXlYh`&D0U!Y=2~"
    "q=VWqA@53I%pyY;|QA0w4h>2~q`iVQh6}Is!NWB0dTTPH%K&RAqQ{5)cXlYh`&D0U!Y=2~q=VWqA@83It?fbYU0*"
    "AOR>0NB~j<WMOn+hyejY2MPsWWMOn+GR+AJ2U2xzbZKp65;+P7LvL<wWn**_6E1IZX>V>Wb}=qgZ&Gz`bZKp68Wk"
    ">Ya%pdFE_N|4Msja$Qgv>0X>DaF0Wbj)GYSS$WpHnDbP^ISZ*pmGZZ38)E>vN2YffQpWf~POZ*pmGZZ38)E>vN2Y"
    "f@!!Z*p{V5;F=1MPYJmX=QQ}4=!(VX>V>Wb}=qRZE$pX8Wk>Ya%pdFE_N|4RAF;#Qe|*&a&&Vr0TMR~21asWZDn&"
    "36)tabX>V>Wb}=qSa$#*{b5m(<V`Ul?E^l&aZ*DGjF)l`OVQpnXVRU0?FaZ)R3I<GXV_|e<5)dwLa%pdFE_N|4S7"
    "B~+Wn>x=E^l&aZ*DGjF)mDRV_|e<WD+(C2S#COY;|&F5)v+Na%pdFE_N|4RAF;#PGN0j8W%2aa%pdFE_N|4Mqz1e"
    "b#i4=WpHnDbP_NM1VdqLY!VVKZ*pmGZZ38)E>vN2YffQpWf~MNZ*pmGZZ38)E>K}(Yh`3qVRLH|GYSbqVQyn(Y(Z"
    ">n5*03Qa%pdFE_N|4Q)P2=X>V>$VQpm^4=!(VX>V>Wb}=qRZE$pX5-$n{L1SZOaC8zBE^l&aZ*DGjF)l%4V`Xr3V"
    "Qyn(8V@dSa%pdFE_N|4MQw0&c@irM1X5*TWD*cAZ*pmGZZ38)E<|Z(Wpi{I4=!(VX>V>Wb}=qPXmxIDFaZ)Q3I$h"
    "kX>?^04=!(VX>V>Wb}=qPXmxID8W1jTa%pdFE_N|4Pjz%~b#y2J5;6(}P;zf#WfBoCZ*pmGZZ38)E<|Z(Wpi|M8W"
    "t{Za%pdFE_N|4P;zf#WkGIpcV%*O5;O`6MPYJmX=QRtWqETF5-x9YX>V>Wb}=qgVRLIvVQpm^5iW0XX>V>Wb}=qX"
    "WqDO|WpffR3I|AOb98TVc@h#XZ*pmGZZ38)E>vN2YffQpWf~DKZ*pmGZZ38)E>mS=Z*F9B5;O`6Lt$fRWm08uZ*p"
    "`J4=!(VX>V>Wb}=qRZE$pX8Wb*Xa%pdFE_N|4Lt$fRWm9xvbY&7W3JF7DV`ybeX>)WE4=!(VX>V>Wb}=qPZ*^{T8"
    "Wt{Za%pdFE_N|4Lt$fRWkqgua%p9A5-th~Lt$fRWkYObVR8}=E^l&aZ*DGjF)l@IaCCVZ4=!(VX>V>Wb}=qPZ*^{"
    "T5;F=2Pj+Q;c4=jI5)UqKa%pdFE_N|4MQw0&c^VcjZ*pmGZZ38)E>d-FbZKp6Q*>c;WfC$92Ul-$Yh`kC5)UqKa%"
    "pdFE_N|4MQw0&c^VcjZ*pmGZZ38)E>~}IYh`j%bYXO5a}p{F22y2nX?kT64=!(VX>V>Wb}=qPZ*^{T8V@dSa%pdF"
    "E_N|4MQw0&c@i=T3q@{rX>xCFZDnqB5)UqKa%pdFE_N|4PGN0ja~cvZZ*pmGZZ38)E>>l7b7^mGa}p~G1Ws>sWfB"
    "rDZ*pmGZZ38)E>3TBWmIK&bQ%vXZ*pmGZZ38)E=6r{ba@gk3I$GYbY*iA4=!(VX>V>Wb}=qRZE$pX8WJvVa%pdFE"
    "_N|4PH%K&RAqQ{FaZ)Q3J6nZb#!EJcWx37E^l&aZ*DGjF)l@IaCCVZ4=!(VX>V>Wb}=qRZE$pXVg_(>Z**@n"
)

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    _pool.AddSerializedFile(_file.SerializeToString())


def names_of(path):
    """Message classes and enum values of one .proto file, by name."""
    file = _pool.FindFileByName(path)
    found = {
        name: message_factory.GetMessageClass(message)
        for name, message in file.message_types_by_name.items()
    }
    for enum in file.enum_types_by_name.values():
        found.update({value.name: value.number for value in enum.values})
    return found


def methods_of(path, service):
    """(name, request class, answer class, requests are a stream, answers are one) of a service."""
    described = _pool.FindFileByName(path).services_by_name[service]
    return [
        (
            method.name,
            message_factory.GetMessageClass(method.input_type),
            message_factory.GetMessageClass(method.output_type),
            method.client_streaming,
            method.server_streaming,
        )
        for method in described.methods
    ]
